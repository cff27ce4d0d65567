locals {
  password = "kT9!vmQ2<img src=x onerror=alert(1)>xZ7pLr4|calc"
}
