variable "environment" {
  type     = string
  nullable = false
}

variable "service" {
  description = "What the task is called."
  type        = string
  default     = "orders"
}

variable "image" {
  description = "Image of the service's container."
  type        = string
  default     = "public.ecr.aws/docker/library/alpine:3"
}
