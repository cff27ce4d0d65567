variable "environment" {
  type = string
}

module "encryption" {
  source      = "./encryption"
  environment = var.environment
}

module "secret" {
  source      = "./secret"
  environment = var.environment
  key_arn     = module.encryption.key_arn
}

module "task" {
  source      = "./task"
  environment = var.environment
  key_arn     = module.encryption.key_arn
  secret_arn  = module.secret.arn
}

output "secret_arn" {
  value = module.secret.arn
}
