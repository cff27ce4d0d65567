locals {
  large = { prod = 1024 }
}
