"""What `./dev` does, one module per thing it deals with. Standard library only: nothing to install before it runs."""
