locals {
  ci = "glpat-pxbB4r6bSr0pFBOPCWBR"
}
