-- Warns: such records are left out in every service.
{{ config(severity='warn') }}

with

reject_shares as (

    select * from {{ ref('reject_shares') }}

)

select * from reject_shares
where is_newest_batch and is_beyond_tolerance and severity = 'warn'
