"""What can be trained: one file a learner, registered under the kind `learner`."""
