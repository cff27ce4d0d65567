# <script>alert(4)</script>
output "markup" {
  description = "<script>alert(1)</script><img src=x onerror=alert(2)> ![x](javascript:alert(3)) {{ 7*7 }} =HYPERLINK(\"http://127.0.0.1:CANARY_PORT\")"
  value       = "<script>alert(1)</script><img src=x onerror=alert(2)> ![x](javascript:alert(3)) {{ 7*7 }} =HYPERLINK(\"http://127.0.0.1:CANARY_PORT\")"
}
