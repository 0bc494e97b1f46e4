"""The keys that Prometheus 2.20 to 3.14 reads in prometheus.yml and in rule files.

From the structs of its source at every release's tag: config/config.go, relabel.go, rulefmt.go,
discovery/file/file.go; the keys of HTTP clients from prometheus/common.
"""

from typing import Final

from labkeeper.checks.keys import Shapes, shapes

_CLIENT: Final = (
    "basic_auth:basic_auth authorization:authorization oauth2 bearer_token bearer_token_file "
    "tls_config:tls_config follow_redirects enable_http2 proxy_url no_proxy "
    "proxy_from_environment proxy_connect_header http_headers"
)
_LIMITS: Final = (
    "body_size_limit sample_limit target_limit label_limit label_name_length_limit "
    "label_value_length_limit keep_dropped_targets scrape_protocols scrape_failure_log_file "
    "metric_name_validation_scheme metric_name_escaping_scheme scrape_native_histograms "
    "always_scrape_classic_histograms convert_classic_histograms_to_nhcb extra_scrape_metrics"
)

SHAPES: Final[Shapes] = shapes(
    {
        "file": (
            "global:global alerting:alerting rule_files scrape_configs:scrape "
            "scrape_config_files remote_write:remote_write remote_read:remote_read "
            "storage:storage tracing:tracing runtime:runtime otlp"
        ),
        "global": (
            "scrape_interval scrape_timeout evaluation_interval query_log_file external_labels "
            f"rule_query_offset {_LIMITS}"
        ),
        "scrape": (
            "job_name honor_labels honor_timestamps track_timestamps_staleness params "
            "scrape_interval scrape_timeout metrics_path scheme enable_compression "
            "relabel_configs:relabel metric_relabel_configs:relabel scrape_classic_histograms "
            "native_histogram_bucket_limit native_histogram_min_bucket_factor "
            f"fallback_scrape_protocol static_configs:static file_sd_configs:files {_LIMITS} "
            f"{_CLIENT}"
        ),
        "static": "targets labels",
        "files": "files refresh_interval",
        "relabel": "source_labels separator regex modulus target_label replacement action",
        "alerting": "alert_relabel_configs:relabel alertmanagers:alertmanager",
        "alertmanager": (
            "scheme path_prefix timeout api_version sigv4 relabel_configs:relabel "
            f"alert_relabel_configs:relabel static_configs:static file_sd_configs:files {_CLIENT}"
        ),
        "remote_write": (
            "url remote_timeout headers write_relabel_configs:relabel name send_exemplars "
            "send_native_histograms protobuf_message round_robin_dns queue_config:queue "
            f"metadata_config:metadata sigv4 azuread google_iam {_CLIENT}"
        ),
        "queue": (
            "capacity max_shards min_shards max_samples_per_send batch_send_deadline min_backoff "
            "max_backoff retry_on_http_429 sample_age_limit"
        ),
        "metadata": "send send_interval max_samples_per_send",
        "remote_read": (
            "url remote_timeout headers read_recent name required_matchers "
            f"filter_external_labels chunked_read_limit {_CLIENT}"
        ),
        "storage": "tsdb:tsdb exemplars:exemplars",
        "tsdb": (
            "out_of_order_time_window retention:retention stale_series_compaction_threshold "
            "chunk_encoding"
        ),
        "retention": "time size percentage",
        "exemplars": "max_exemplars",
        "tracing": (
            "client_type endpoint sampling_fraction insecure tls_config:tls_config headers "
            "compression timeout"
        ),
        "runtime": "gogc",
        "basic_auth": "username username_file username_ref password password_file password_ref",
        "authorization": "type credentials credentials_file credentials_ref",
        "tls_config": (
            "ca ca_file ca_ref cert cert_file cert_ref key key_file key_ref server_name "
            "insecure_skip_verify min_version max_version"
        ),
        "rules": "groups:group",
        "group": "name interval query_offset limit labels rules:rule",
        "rule": "record alert expr for keep_firing_for labels annotations",
    }
)

# Keys that relatives of Prometheus read in the same files, and that are meant for them:
# VictoriaMetrics and vmalert, Thanos, Mimir and its tools.
RELATIVES: Final = frozenset(
    {
        *("stream_parse", "scrape_align_interval", "scrape_offset", "series_limit", "headers"),
        *("no_stale_markers", "relabel_debug", "disable_compression"),
        *("disable_keepalive", "max_scrape_size", "if", "match", "debug", "concurrency", "params"),
        *("type", "tenant", "eval_offset", "eval_delay", "notifier_headers", "extra_filter_labels"),
        *("update_entries_limit", "partial_response_strategy", "namespace", "source_tenants"),
        *("align_evaluation_time_on_interval", "evaluation_delay", "federation", "labels"),
        *("scrape_response_size_limit", "metric_relabel_debug"),
    }
)
