"""The keys that Alertmanager 0.16 to 0.34 reads, each with the release that it came with.

From the structs of its source at every release's tag: config/config.go, config/notifiers.go,
notify/*/config.go, timeinterval/timeinterval.go; `http_config` from prometheus/common.
"""

from typing import Final

from labkeeper.checks.keys import Shapes, shapes

_SLACK: Final = (
    "send_resolved http_config:http_config api_url api_url_file@0.22 app_token@0.30 "
    "app_token_file@0.30 app_url@0.30 channel username color title title_link pretext text "
    "message_text@0.31 fields:field short_fields footer fallback callback_id icon_emoji icon_url "
    "image_url thumb_url link_names mrkdwn_in@0.19 actions:action update_message@0.32 timeout@0.30"
)
_ATTACHMENT: Final = (
    "fallback@0.32 color@0.32 pretext@0.32 author_name@0.32 author_link@0.32 author_icon@0.32 "
    "title@0.32 title_link@0.32 fields:field@0.32 thumb_url@0.32 footer@0.32 footer_icon@0.32 "
    "image_url@0.32"
)

SHAPES: Final[Shapes] = shapes(
    {
        "file": (
            "global:global route:route inhibit_rules:inhibit_rule receivers:receiver templates "
            "mute_time_intervals:time_interval@0.22 time_intervals:time_interval@0.24 "
            "tracing:tracing@0.30 event_recorder@0.33"
        ),
        "global": (
            "resolve_timeout http_config:http_config smtp_from smtp_hello smtp_smarthost "
            "smtp_auth_username smtp_auth_password smtp_auth_password_file@0.25 smtp_auth_secret "
            "smtp_auth_secret_file@0.31 smtp_auth_identity smtp_require_tls "
            "smtp_tls_config:tls_config@0.28 smtp_force_implicit_tls@0.31 slack_api_url "
            "slack_api_url_file@0.22 slack_app_token@0.30 slack_app_token_file@0.30 "
            "slack_app_url@0.30 pagerduty_url opsgenie_api_url opsgenie_api_key "
            "opsgenie_api_key_file@0.24 wechat_api_url wechat_api_secret "
            "wechat_api_secret_file@0.31 wechat_api_corp_id victorops_api_url victorops_api_key "
            "victorops_api_key_file@0.25 telegram_api_url@0.24 telegram_bot_token@0.31 "
            "telegram_bot_token_file@0.31 webex_api_url@0.25 jira_api_url@0.28 "
            "rocketchat_api_url@0.28 rocketchat_token@0.28 rocketchat_token_file@0.28 "
            "rocketchat_token_id@0.28 rocketchat_token_id_file@0.28 mattermost_webhook_url@0.32 "
            "mattermost_webhook_url_file@0.32"
        ),
        "route": (
            "receiver group_by match match_re matchers@0.22 continue routes:route group_wait "
            "group_interval repeat_interval mute_time_intervals@0.22 active_time_intervals@0.24 "
            "labels@0.34"
        ),
        "inhibit_rule": (
            "name@0.30 source_match source_match_re source_matchers@0.22 target_match "
            "target_match_re target_matchers@0.22 equal"
        ),
        "time_interval": "name time_intervals:interval",
        "interval": "times:times weekdays days_of_month months years location@0.25",
        "times": "start_time end_time",
        "tracing": (
            "client_type endpoint sampling_fraction insecure tls_config:tls_config headers "
            "compression timeout"
        ),
        "receiver": (
            "name labels@0.33 email_configs:email pagerduty_configs:pagerduty slack_configs:slack "
            "webhook_configs:webhook opsgenie_configs:opsgenie wechat_configs:wechat "
            "pushover_configs:pushover victorops_configs:victorops sns_configs:sns@0.23 "
            "telegram_configs:telegram@0.24 discord_configs:discord@0.25 "
            "webex_configs:webex@0.25 msteams_configs:msteams@0.26 "
            "msteamsv2_configs:msteamsv2@0.28 jira_configs:jira@0.28 "
            "rocketchat_configs:rocketchat@0.28 incidentio_configs:incidentio@0.29 "
            "mattermost_configs:mattermost@0.30"
        ),
        "email": (
            "send_resolved to from hello smarthost auth_username auth_password "
            "auth_password_file@0.25 auth_secret auth_secret_file@0.31 auth_identity headers html "
            "text require_tls tls_config:tls_config force_implicit_tls@0.31 "
            "threading:threading@0.30"
        ),
        "threading": "enabled thread_by_date",
        "pagerduty": (
            "send_resolved http_config:http_config service_key service_key_file@0.25 routing_key "
            "routing_key_file@0.25 url client client_url description details images:image "
            "links:link source@0.25 severity class component group timeout@0.30"
        ),
        "image": "src alt href",
        "link": "href text",
        "slack": _SLACK,
        "field": "title value short",
        "action": "type text url style name value confirm:confirm",
        "confirm": "text title ok_text dismiss_text",
        "webhook": (
            "send_resolved http_config:http_config url url_file@0.26 max_alerts@0.21 timeout@0.28 "
            "payload@0.32"
        ),
        "opsgenie": (
            "send_resolved http_config:http_config api_key api_key_file@0.24 api_url message "
            "description source details entity@0.24 responders:responder@0.18 actions@0.24 tags "
            "note priority update_alerts@0.24"
        ),
        "responder": "id name username type",
        "wechat": (
            "send_resolved http_config:http_config api_secret api_secret_file@0.31 corp_id "
            "message api_url to_user to_party to_tag agent_id message_type@0.22"
        ),
        "pushover": (
            "send_resolved http_config:http_config user_key user_key_file@0.26 token "
            "token_file@0.26 title message url url_title device@0.26 sound priority retry expire "
            "ttl@0.27 html monospace@0.29"
        ),
        "victorops": (
            "send_resolved http_config:http_config api_key api_key_file@0.22 api_url routing_key "
            "message_type state_message entity_display_name monitoring_tool custom_fields"
        ),
        "sns": (
            "send_resolved http_config:http_config api_url sigv4 topic_arn phone_number "
            "target_arn subject message attributes use_aws_http_client@0.33"
        ),
        "telegram": (
            "send_resolved http_config:http_config api_url bot_token bot_token_file@0.26 chat_id "
            "chat_id_file@0.31 message_thread_id@0.28 message disable_notifications parse_mode"
        ),
        "discord": (
            "send_resolved http_config:http_config webhook_url webhook_url_file@0.27 "
            "content@0.28 title message username@0.28 avatar_url@0.28"
        ),
        "webex": "send_resolved http_config:http_config api_url message room_id",
        "msteams": (
            "send_resolved http_config:http_config webhook_url webhook_url_file@0.27 title "
            "summary@0.27 text"
        ),
        "msteamsv2": (
            "send_resolved http_config:http_config webhook_url webhook_url_file title text"
        ),
        "jira": (
            "send_resolved http_config:http_config api_url api_type@0.29 project summary "
            "description labels priority issue_type reopen_transition resolve_transition "
            "wont_fix_resolution reopen_duration fields custom_fields"
        ),
        "rocketchat": (
            "send_resolved http_config:http_config api_url token_id token_id_file token "
            "token_file channel color title title_link text fields:field short_fields emoji "
            "icon_url image_url thumb_url link_names actions"
        ),
        "incidentio": (
            "send_resolved http_config:http_config url url_file alert_source_token "
            "alert_source_token_file max_alerts timeout"
        ),
        "mattermost": (
            "send_resolved http_config:http_config webhook_url webhook_url_file channel username "
            f"text icon_url icon_emoji attachments type props priority {_ATTACHMENT}"
        ),
        "http_config": (
            "basic_auth:basic_auth authorization:authorization oauth2 bearer_token "
            "bearer_token_file tls_config:tls_config follow_redirects enable_http2 proxy_url "
            "no_proxy proxy_from_environment proxy_connect_header http_headers"
        ),
        "basic_auth": "username username_file username_ref password password_file password_ref",
        "authorization": "type credentials credentials_file credentials_ref",
        "tls_config": (
            "ca ca_file ca_ref cert cert_file cert_ref key key_file key_ref server_name "
            "insecure_skip_verify min_version max_version"
        ),
    }
)
