"""What a course author runs: masters become notebooks, releases, solutions, and a class."""
