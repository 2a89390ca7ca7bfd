"""Who may see what, on every address: a small world, the roles in it, the table of doors."""
