package dev.sinkwatch.analyzer.profile;

/**
 * A tensor that another one's operators are made of as well.
 *
 * @param speaker the layer that the operators are told of
 * @param role what this one is for
 * @param tensors all that belong together
 */
public record SitePart(String speaker, SiteTensors.Role role, SiteTensors tensors) {}
