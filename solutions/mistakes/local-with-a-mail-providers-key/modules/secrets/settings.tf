locals {
  mail = "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"
}
