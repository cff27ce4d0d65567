# Where the lab is installed, and what it keeps between gradings: the AWS provider.
: "${SECRETS_LAB_HOME:=/opt/secrets-lab}"
: "${LAB_CACHE_DIR:=$SECRETS_LAB_HOME/cache}"
: "${LAB_STATE_DIR:=$SECRETS_LAB_HOME/state}"
export LAB_CACHE_DIR LAB_STATE_DIR
: "${SECRETS_LAB_PROGRAM:=$SECRETS_LAB_HOME/venv/bin/lab}"
