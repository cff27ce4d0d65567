echo fired > CANARY_FILE
