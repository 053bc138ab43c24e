"""Reports that come as mails and are read as mails: their headers and prose say what no attachment does."""
