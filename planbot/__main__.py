"""Run `python -m planbot` as the `planbot` command."""

from planbot.cli.main import main

if __name__ == "__main__":
    main()
