"""What templates of Prometheus and of Alertmanager may say."""

from typing import Final

from labkeeper.checks.go_template import Dialect

# template/template.go of Alertmanager 0.25 to 0.34.
_ALERTMANAGER: Final = (
    "toUpper toLower title trimSpace join match safeHtml safeUrl urlUnescape reReplaceAll "
    "stringSlice routeLabels date tz now since humanizeDuration toDate mustToDate toJson "
    "base64encode base64decode list append dict"
)
# template/template.go of Prometheus 2.20 to 3.14.
_PROMETHEUS: Final = (
    "query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower "
    "graphLink tableLink sortByLabel stripPort stripDomain humanize humanize1024 "
    "humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix "
    "externalURL parseDuration urlQueryEscape tmpl"
)
_TOP: Final = (
    "Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations RouteLabels "
    "NotificationReason ExternalURL"
)
_ALERT: Final = "Status Labels Annotations StartsAt EndsAt GeneratorURL Fingerprint"

NOTIFICATION: Final = Dialect(
    frozenset(_ALERTMANAGER.split()),
    frozenset(),
    {"top": frozenset(_TOP.split()), "an alert": frozenset(_ALERT.split())},
    {".Alerts": "an alert", ".Alerts.Firing": "an alert", ".Alerts.Resolved": "an alert"},
)
# vmalert evaluates the same files and knows more
# (VictoriaMetrics, app/vmalert/templates/template.go).
_VMALERT: Final = (
    "crlfEscape htmlEscape jsonEscape quotesEscape queryEscape pathEscape parseFloat "
    "parseDurationTime formatTime"
)
RULE: Final = Dialect(
    frozenset(f"{_PROMETHEUS} {_VMALERT}".split()),
    frozenset(
        {
            *("$labels", "$value", "$externalLabels", "$externalURL"),
            *("$alertID", "$groupID", "$expr", "$for", "$activeAt", "$type", "$isPartial"),
        }
    ),
    {
        "top": frozenset(
            {
                *("Labels", "ExternalLabels", "ExternalURL", "Value"),
                *("Expr", "AlertID", "GroupID", "ActiveAt", "For", "Type", "IsPartial"),
            }
        )
    },
)
