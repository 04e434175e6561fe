"""Slack: messages, people and channels of a workspace, read through its Web API."""
