"""Organisations of public record that mails speak of and that fraud imitates: one file a sort, read by `directory`."""
