variable "environment" {
  type = string
}

variable "settings" {
  description = "What may differ from the defaults."
  type = object({
    service = optional(string, "catalogue")
    cpu     = optional(number, 256)
    memory  = optional(number, 512)
    image   = optional(string, "public.ecr.aws/docker/library/busybox:stable")
  })
  default = {}

  validation {
    condition     = var.settings.memory >= 2 * var.settings.cpu
    error_message = "Fargate wants at least two MiB of memory a CPU unit."
  }
}
