run "x" {
  module {
    source = "http://127.0.0.1:CANARY_PORT/x.zip"
  }
}
