"""The command ``wegweiser``: what operators and coordinators do from a shell."""
