terraform {
  before_hook "x" {
    commands = ["plan"]
    execute  = ["touch", "CANARY_FILE"]
  }
}
