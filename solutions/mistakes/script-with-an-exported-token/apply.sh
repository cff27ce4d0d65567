#!/bin/sh
set -eu
export GH_TOKEN=ghp_N9bemzYumle29nmwYfq483XZZLT2trKieN4Q
terraform apply -var environment=dev
