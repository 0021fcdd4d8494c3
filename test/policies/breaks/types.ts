/** Type tokens that breaks name often. */
export const instance = "aws:ec2/instance:Instance";
export const volume = "aws:ebs/volume:Volume";
export const attachment = "aws:ec2/volumeAttachment:VolumeAttachment";
export const networkInterface = "aws:ec2/networkInterface:NetworkInterface";
export const securityGroup = "aws:ec2/securityGroup:SecurityGroup";
export const ingressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
