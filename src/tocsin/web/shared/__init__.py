"""What every seat uses: the site, pages and words, headers, clients, limits."""
