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
_GLOBAL: Final = (
    "body_size_limit@2.45 sample_limit@2.45 target_limit@2.45 label_limit@2.45 "
    "label_name_length_limit@2.45 label_value_length_limit@2.45 keep_dropped_targets@2.47 "
    "scrape_protocols@2.49 scrape_failure_log_file@2.55 metric_name_validation_scheme@2.55 "
    "metric_name_escaping_scheme@3.4 convert_classic_histograms_to_nhcb@3.4 "
    "always_scrape_classic_histograms@3.5 scrape_native_histograms@3.8 extra_scrape_metrics@3.10"
)
_SCRAPE: Final = (
    "sample_limit target_limit@2.25 label_limit@2.27 label_name_length_limit@2.27 "
    "label_value_length_limit@2.27 body_size_limit@2.28 scrape_classic_histograms@2.45 "
    "native_histogram_bucket_limit@2.45 keep_dropped_targets@2.47 "
    "track_timestamps_staleness@2.48 scrape_protocols@2.49 enable_compression@2.49 "
    "native_histogram_min_bucket_factor@2.50 scrape_failure_log_file@2.55 "
    "metric_name_validation_scheme@2.55 fallback_scrape_protocol@3.0 "
    "always_scrape_classic_histograms@3.0 convert_classic_histograms_to_nhcb@3.0 "
    "metric_name_escaping_scheme@3.4 scrape_native_histograms@3.8 extra_scrape_metrics@3.10"
)

SHAPES: Final[Shapes] = shapes(
    {
        "file": (
            "global:global alerting:alerting rule_files scrape_configs:scrape "
            "scrape_config_files@2.43 remote_write:remote_write remote_read:remote_read "
            "storage:storage@2.29 tracing:tracing@2.34 runtime:runtime@2.53 otlp@2.55"
        ),
        "global": (
            "scrape_interval scrape_timeout evaluation_interval query_log_file external_labels "
            f"rule_query_offset@2.53 {_GLOBAL}"
        ),
        "scrape": (
            "job_name honor_labels honor_timestamps params scrape_interval scrape_timeout "
            "metrics_path scheme relabel_configs:relabel metric_relabel_configs:relabel "
            f"static_configs:static file_sd_configs:files {_SCRAPE} {_CLIENT}"
        ),
        "static": "targets labels",
        "files": "files refresh_interval",
        "relabel": "source_labels separator regex modulus target_label replacement action",
        "alerting": "alert_relabel_configs:relabel alertmanagers:alertmanager",
        "alertmanager": (
            "scheme path_prefix timeout api_version sigv4@2.48 relabel_configs:relabel "
            "alert_relabel_configs:relabel@2.51 static_configs:static file_sd_configs:files "
            f"{_CLIENT}"
        ),
        "remote_write": (
            "url remote_timeout headers@2.25 write_relabel_configs:relabel name "
            "send_exemplars@2.27 send_native_histograms@2.40 protobuf_message@2.54 "
            "round_robin_dns@3.1 queue_config:queue metadata_config:metadata@2.25 sigv4@2.26 "
            f"azuread@2.45 google_iam@2.55 {_CLIENT}"
        ),
        "queue": (
            "capacity max_shards min_shards max_samples_per_send batch_send_deadline min_backoff "
            "max_backoff retry_on_http_429@2.26 sample_age_limit@2.50"
        ),
        "metadata": "send send_interval max_samples_per_send@2.29",
        "remote_read": (
            "url remote_timeout headers@2.26 read_recent name required_matchers "
            f"filter_external_labels@2.34 chunked_read_limit@2.55 {_CLIENT}"
        ),
        "storage": "tsdb:tsdb@2.39 exemplars:exemplars",
        "tsdb": (
            "out_of_order_time_window retention:retention@3.8 "
            "stale_series_compaction_threshold@3.10 chunk_encoding@3.13"
        ),
        "retention": "time size percentage@3.11",
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
        "group": "name interval query_offset@2.53 limit@2.31 labels@3.0 rules:rule",
        "rule": "record alert expr for keep_firing_for@2.42 labels annotations",
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
