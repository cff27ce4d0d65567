"""Our reader and evaluator of HCL beside Terraform itself: made expressions and files, each asked of both."""
