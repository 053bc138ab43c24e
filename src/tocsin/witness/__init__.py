"""What a server's own logs show: which addresses attacked it, when, how, and how sure that is."""
