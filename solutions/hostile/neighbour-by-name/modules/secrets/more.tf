locals {
  neighbour = "neighbour"
}
