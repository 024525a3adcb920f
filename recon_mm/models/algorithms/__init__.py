"""Whole models, one file a task."""

from .recon import ReCon

__all__ = ['ReCon']
