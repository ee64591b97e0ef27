"""Training on what a run delivered, and what that costs against full human labelling; the only folder with torch."""
