"""The explorers, one module each: settings -> numbers -> picture and words."""
