locals {
  alarm_channel = "https://hooks.slack.com/services/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"
}
