cd infra
terraform plan -var environment=dev
aws secretsmanager put-secret-value --secret-id dev-database-credentials --secret-string '{"username":"orders","password":"Moewe!Kutter7"}'
ls
