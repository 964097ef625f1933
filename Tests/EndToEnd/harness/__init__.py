"""What the end-to-end tests stand on: servers, people, a web site of their own, and files to import."""
