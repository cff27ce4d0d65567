locals {
  queue = "amqps://orders:Rost-Anker-19@mq.internal:5671/orders"
}
