# Every name that this module creates begins or ends with the environment, so that dev and prod can stand side by side.
# The lab deploys your module as dev and also plans it as prod and as a name that you do not know beforehand.
variable "environment" {
  description = "Name of the environment, such as dev or prod."
  type        = string
}
