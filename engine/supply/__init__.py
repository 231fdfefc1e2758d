"""Parts of models from wherever they are: this computer, the swarm, or the source they were imported from."""
