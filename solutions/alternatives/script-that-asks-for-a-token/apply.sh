#!/bin/sh
set -eu
GH_TOKEN=${GH_TOKEN:?set it first}
export GH_TOKEN
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
aws --endpoint-url http://localhost:4566 secretsmanager list-secrets
terraform apply -var environment=dev
