"""How training weighs what machines and people said; plain arithmetic on any arrays or tensors."""

from act_spec.losses.arithmetic import act_loss, loss_weight, signed_target

__all__ = ["act_loss", "loss_weight", "signed_target"]
