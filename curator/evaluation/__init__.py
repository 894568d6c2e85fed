"""`curator evaluate`: trains small language models on corpora and compares them."""
