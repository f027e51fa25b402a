"""The shift's report: figures from the journal, as HTML, PDF and CSV."""
