"""The time from sending a webhook to the agent's skill being entered, at a fixed rate."""
