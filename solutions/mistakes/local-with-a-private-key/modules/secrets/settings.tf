locals {
  tunnel = <<-PEM
    -----BEGIN RSA PRIVATE KEY-----
    /c2xOXUmKwvzfyMcU2of/WRRJaLZ+lEtSbWI9vAMuIiLyCIzC8gwrqeg577wl6tP
    bGhKKtCkMWZ9RdnfECc2xbNDaWdoqNdTOniqNcM/8ZvU4mOjGiDWfOXL6oDQRPR3
    9TP2Fcit5EJhueUa1GnoBcMqHaWB8m25yX9H3bJP+Nih7TO7DKDQBgjrdBG1ywc7
    zGVmbELfGmFFHFM1JkVzGAVb9VGCdzKfsG+fkNFI/0Wbq41xwuXHSLK4axTU4tZU
    J2CqO1YgWx2LZghrrADIomTo8JtD1V8T+aOjkUmKmb40Uku/NlE9FXDc+yreIogL
    e3pOsxVZSo0jR2z3fV+Kmt+z95IOmfGNEBgEolOGSE6MsaUFs2gjdkTdYDki4gfp
    -----END RSA PRIVATE KEY-----
  PEM
}
