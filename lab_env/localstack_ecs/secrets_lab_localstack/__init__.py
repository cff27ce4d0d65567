"""LocalStack Community with ECS and an audit trail, by LocalStack's own plug-in points."""
