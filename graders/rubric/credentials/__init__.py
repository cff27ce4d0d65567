"""Where a credential stands in text, in arguments, in containers, and where one flows."""
