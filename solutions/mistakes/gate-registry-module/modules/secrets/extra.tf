module "extra_key" {
  source  = "terraform-aws-modules/kms/aws"
  version = "3.1.1"
}
